// The language is chosen before .NET starts: it decides which resources and culture data are loaded.
const key = 'facility.language';
const stored = (() => { try { return localStorage.getItem(key); } catch { return null; } })();
const language = stored === 'en' ? 'en' : 'nl';
document.documentElement.lang = language;
window.facility = {
  language: (next) => { try { localStorage.setItem(key, next); } catch { /* private mode: not remembered */ } location.reload(); },
  focus: (id) => document.getElementById(id)?.focus(),
  // This browser's subscription to push, as text for the on-call file. Rejects when the person or the browser says no.
  subscribe: async (applicationServerKey) => {
    if (!navigator.serviceWorker || !window.PushManager) throw new Error('no push here: open this page by https, or install it first');
    await navigator.serviceWorker.register('service-worker.js');
    const push = (await navigator.serviceWorker.ready).pushManager;
    const ask = () => push.subscribe({ userVisibleOnly: true, applicationServerKey });
    // InvalidStateError: there is one with a key that the server had before.
    const subscription = await ask().catch(async (error) => {
      if (error.name !== 'InvalidStateError') throw error;
      await (await push.getSubscription())?.unsubscribe();
      return ask();
    });
    return JSON.stringify(subscription);
  },
};
Blazor.start({ applicationCulture: language });
