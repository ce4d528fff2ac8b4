'use strict';
// Shows the values of a chart under the pointer, or along the arrow keys.
for (const figure of document.querySelectorAll('figure.chart')) {
  const area = figure.querySelector('.area');
  const data = JSON.parse(figure.querySelector('script').textContent);
  // where x lies: by differences, or by factors
  const along = x => data.log ? Math.log(x) : x;
  const [from, to] = data.x.map(along);
  for (const s of data.series) s.at = s.x.map(along);
  const places = [...new Set(data.series.flatMap(s => s.at))].sort((a, b) => a - b);
  const cursor = document.createElement('div');
  const tip = document.createElement('div');
  cursor.className = 'cursor';
  tip.className = 'tip';
  tip.setAttribute('aria-live', 'polite');
  let at = -1;

  const digits = v => {
    const size = Math.abs(v);
    return size >= 1000 || Number.isInteger(v) ? v.toLocaleString('en', {maximumFractionDigits: 1})
      : String(Number(v.toPrecision(size >= 100 ? 4 : 3)));
  };
  const nearest = (list, x) => {
    let low = 0, high = list.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - list[low - 1] <= list[low] - x ? low - 1 : low;
  };
  const line = (key, name, value) => {
    const div = document.createElement('div');
    if (key) {
      const sample = document.createElement('span');
      sample.className = 'key ' + key;
      div.append(sample);
    }
    div.append(name);
    if (value) {
      const b = document.createElement('b');
      b.textContent = value;
      div.append(b);
    }
    tip.append(div);
  };
  const show = place => {
    at = Math.max(0, Math.min(places.length - 1, place));
    const x = places[at];
    const reach = (to - from) / 60;
    tip.replaceChildren();
    line('', data.name + ' ' + digits(data.log ? Math.exp(x) : x));
    for (const s of data.series) {
      const i = nearest(s.at, x);
      if (Math.abs(s.at[i] - x) > reach) continue;
      const spread = s.e && s.e[i] ? ' ± ' + digits(s.e[i]) : '';
      line(s.key, s.name, digits(s.y[i]) + spread + (data.unit ? ' ' + data.unit : ''));
    }
    const part = (x - from) / (to - from);
    cursor.style.left = 100 * part + '%';
    area.append(cursor, tip);
    const room = area.clientWidth - tip.offsetWidth;
    const left = part * area.clientWidth;
    tip.style.left = Math.max(0, Math.min(room, left > area.clientWidth / 2 ? left - tip.offsetWidth - 12 : left + 12)) + 'px';
  };
  const hide = () => { cursor.remove(); tip.remove(); };

  area.addEventListener('pointermove', e => {
    const box = area.getBoundingClientRect();
    show(nearest(places, from + (to - from) * (e.clientX - box.left) / box.width));
  });
  area.addEventListener('pointerleave', hide);
  area.addEventListener('blur', hide);
  area.addEventListener('keydown', e => {
    const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[e.key];
    if (step) { e.preventDefault(); show(at < 0 && step > 0 ? 0 : at + step); }
    if (e.key === 'Escape') hide();
  });
}
