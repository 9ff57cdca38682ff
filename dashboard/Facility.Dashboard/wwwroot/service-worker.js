// Keeps the files of the last visit, so that the dashboard opens without a network, and shows what the server pushes.
// Answers of the API are never kept here: the page keeps its own last state, and says how old it is.
const shell = 'index.html';
const isOurs = (url) => url.origin === self.location.origin && !/^\/(v1|hubs|health|metrics|a)(\/|$)/.test(url.pathname);
// A name with a fingerprint never changes its content.
const isFingerprinted = (url) => /\.[a-z0-9]{10}\.[a-z0-9.]+$/.test(url.pathname);

self.addEventListener('install', (event) => event.waitUntil(caches.open('files').then((cache) => cache.add(shell)).then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// The page tells what it was made of when it had started; what is no longer part of it goes.
self.addEventListener('message', (event) => event.waitUntil((async () => {
  const wanted = new Set([...event.data.files, new URL(shell, self.registration.scope).href].filter((file) => isOurs(new URL(file))));
  const cache = await caches.open('files');
  for (const request of await cache.keys()) { if (!wanted.has(request.url)) await cache.delete(request); }
  await Promise.all([...wanted].map(async (file) => {
    if (!isFingerprinted(new URL(file)) || !await cache.match(file)) await cache.add(file).catch(() => { /* next time */ });
  }));
})()));

const within = (milliseconds, promise) => Promise.race([promise, new Promise((_, refuse) => setTimeout(() => refuse(new Error('slow')), milliseconds))]);

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || !isOurs(url)) return;
  if (event.request.mode === 'navigate') {
    event.respondWith(within(4000, fetch(event.request)).catch(async () => await caches.match(shell) ?? Response.error()));
  } else if (isFingerprinted(url)) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  } else {
    event.respondWith(fetch(event.request).catch(async () => await caches.match(event.request) ?? Response.error()));
  }
});

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
