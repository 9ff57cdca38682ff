// The language is chosen before .NET starts: it decides which resources and culture data are loaded.
const key = 'facility.language';
const stored = (() => { try { return localStorage.getItem(key); } catch { return null; } })();
const language = stored === 'en' ? 'en' : 'nl';
document.documentElement.lang = language;
window.facility = {
  language: (next) => { try { localStorage.setItem(key, next); } catch { /* private mode: not remembered */ } location.reload(); },
  focus: (id) => document.getElementById(id)?.focus(),
};
Blazor.start({ applicationCulture: language });
