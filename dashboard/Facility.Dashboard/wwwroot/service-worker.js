// Shows what the server pushes, and opens its link on a click. It keeps no pages: those come from the server.
// A browser takes the right to push from who shows nothing, so what cannot be read is shown as well.
const read = (data) => { try { return data.json(); } catch { return { title: 'Buurtpleinen' }; } };

self.addEventListener('push', (event) => {
  const { id, title, text, link, urgent, language } = read(event.data);
  event.waitUntil(self.registration.showNotification(title || 'Buurtpleinen', {
    body: text, tag: id, lang: language, icon: 'icon.svg', requireInteraction: urgent === true, data: link ?? self.registration.scope,
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});
