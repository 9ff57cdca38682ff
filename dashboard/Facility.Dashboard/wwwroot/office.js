// What a page cannot do by itself: files to the person's disk, and a picture out of what is drawn.
const save = (blob, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

export const isWide = () => matchMedia('(min-width: 48rem)').matches;

export const copy = async (text) => { try { await navigator.clipboard.writeText(text); return true; } catch { return false; } };

export const file = async (url, accept, name) => {
  const answer = await fetch(url, { headers: { Accept: accept } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  save(await answer.blob(), name);
};

// A style sheet does not travel with a file: what it says is written on each part.
const kept = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'opacity', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline'];
const alone = (id) => {
  const drawn = document.getElementById(id);
  const copied = drawn.cloneNode(true);
  const from = [drawn, ...drawn.querySelectorAll('*')];
  [copied, ...copied.querySelectorAll('*')].forEach((part, i) => {
    const style = getComputedStyle(from[i]);
    kept.forEach((name) => part.setAttribute(name, style.getPropertyValue(name)));
    part.removeAttribute('class');
  });
  const [, , width, height] = drawn.getAttribute('viewBox').split(' ').map(Number);
  copied.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copied.setAttribute('width', width);
  copied.setAttribute('height', height);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  Object.entries({ width, height, fill: getComputedStyle(drawn.closest('.picture') ?? document.body).backgroundColor }).forEach(([name, value]) => ground.setAttribute(name, value));
  const title = copied.querySelector('title');
  title ? title.after(ground) : copied.prepend(ground);
  return { text: new XMLSerializer().serializeToString(copied), width, height };
};

export const svg = (id, name) => save(new Blob([alone(id).text], { type: 'image/svg+xml' }), name);

export const png = async (id, name) => {
  const { text, width, height } = alone(id);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * 2, height * 2];
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  save(await new Promise((done) => canvas.toBlob(done, 'image/png')), name);
};
