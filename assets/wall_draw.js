/* Draws the wall's blocks from the display-ready model of GET /wall/<screen>?format=json. Numbers arrive formatted; nothing is computed here but pixels. */
(function () {
  'use strict';
  if (!document.getElementById('wall')) return;
  const SVG = 'http://www.w3.org/2000/svg';
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value != null) node.setAttribute(name, value);
    node.append(...children.filter(child => child != null));
    return node;
  }
  function shape(tag, attributes, text) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) if (value != null) node.setAttribute(name, value);
    if (text != null) node.textContent = text;
    return node;
  }

  /* Only the digits that changed roll, and afterwards plain text is left, so that a reader, a test and a copy all see the number. */
  function roll(node, text) {
    const old = node.dataset.text;
    node.dataset.text = text;
    clearTimeout(node.rolling);
    if (old == null || old === text || calm.matches) { node.textContent = text; return; }
    const before = old.padStart(text.length, ' ').slice(-text.length);
    node.setAttribute('aria-label', text);
    node.replaceChildren(...[...text].map((char, at) => char === before[at] ? document.createTextNode(char)
      : el('span', { class: 'roll', 'aria-hidden': 'true' }, el('i', {}, char), el('em', {}, before[at]))));
    node.rolling = setTimeout(() => { node.textContent = text; node.removeAttribute('aria-label'); }, 750);
  }

  function delta(d) {
    const node = el('span', { class: 'delta' }, (d.label ? d.label + ' ' : ''), el('b', { class: d.tone }, d.text));
    if (d.bad) node.append(el('span', { class: 'bad' }, d.bad));
    return node;
  }

  function kpi(tile, k) {
    const body = tile.querySelector('.body');
    if (!body.firstChild) body.append(el('div', { class: 'value' }, el('span', { class: 'num' }), el('span', { class: 'unit' })), el('div', { class: 'lower' }));
    let side = tile.querySelector('header .side');
    if (!side) { side = el('span', { class: 'side' }); tile.querySelector('h2').after(side); }
    side.textContent = k.side || '';
    const value = body.querySelector('.value');
    if (k.value == null) value.removeAttribute('data-value'); else value.dataset.value = k.value;
    value.title = k.exact || '';
    roll(value.querySelector('.num'), k.number);
    value.querySelector('.unit').textContent = k.unit || '';
    const lower = body.querySelector('.lower');
    if (k.why) { lower.replaceChildren(el('div', { class: 'why' }, k.why)); return; }
    const under = el('div', { class: 'under' }, ...(k.deltas || []).map(delta), ...(k.facts || []).map(f => el('span', {}, f.label + ' ', el('b', {}, f.text))));
    if (!k.pace) { lower.replaceChildren(under); return; }
    let bar = lower.querySelector('.pace');
    if (!bar) { bar = el('div', { class: 'pace', role: 'img' }, el('i'), el('u')); lower.replaceChildren(bar); }
    bar.setAttribute('aria-label', k.pace.label);
    bar.firstChild.style.width = Math.min(100, k.pace.done * 100) + '%';
    bar.lastChild.style.left = Math.min(100, k.pace.due * 100) + '%';
    bar.lastChild.style.display = k.pace.due == null ? 'none' : '';
    lower.replaceChildren(bar, under);
  }

  function empty(body, sentence) { body.replaceChildren(el('div', { class: 'empty' }, sentence)); }

  /* Lines break at null: a minute nobody told us about is a gap, never zero. */
  function path(values, x, y) {
    let d = '', pen = false;
    values.forEach((value, at) => { if (value == null) { pen = false; return; } d += (pen ? 'L' : 'M') + x(at).toFixed(1) + ' ' + y(value).toFixed(1); pen = true; });
    return d;
  }
  function lastOf(values) { for (let at = values.length - 1; at >= 0; at--) if (values[at] != null) return at; return -1; }

  function curve(tile, c) {
    const body = tile.querySelector('.body');
    body.classList.add('curve');
    if (c.empty) return empty(body, c.empty);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const W = body.clientWidth, H = body.clientHeight;
    const left = Math.max(...c.ticks.map(t => t.text.length)) * .72 * rem + 1.1 * rem, right = c.side * 1.3 * rem + .9 * rem, top = 2.1 * rem, bottom = 1.9 * rem;
    const n = c.today.length, x = at => left + (W - left - right) * at / n, mid = at => x(at + .5), y = v => H - bottom - (H - top - bottom) * v / c.max;
    const svg = shape('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': c.alt });
    svg.innerHTML = `<defs><pattern id="wall-hatch" width="${.7 * rem}" height="${.7 * rem}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
      `<rect width="${.14 * rem}" height="100%" fill="var(--warning)" opacity=".42"/></pattern></defs>`;
    for (const t of c.ticks) svg.append(shape('line', { class: 'grid', x1: left, x2: W - right, y1: y(t.at), y2: y(t.at) }),
      shape('text', { x: left - .6 * rem, y: y(t.at) + .42 * rem, 'text-anchor': 'end' }, t.text));
    const every = Math.ceil(3.6 * rem * c.hours.length / (W - left - right));           // a narrow block names every second hour
    for (const [at, h] of c.hours.entries()) if (at % every === 0) svg.append(shape('text', { x: x(h.at), y: H - .2 * rem, 'text-anchor': h.at === 0 ? 'start' : h.at === n ? 'end' : 'middle' }, h.text));
    const placed = [];
    for (const mark of c.marks) {
      svg.append(shape('line', { class: 'mark', x1: x(mark.at), x2: x(mark.at), y1: top, y2: H - bottom }));
      svg.append(label(mark.label, 'mark-name halo', x(mark.at) + .5 * rem, top - .6 * rem, W, rem, placed));
    }
    for (const late of c.late) {
      svg.append(shape('rect', { class: 'hatch', x: x(late.from), width: Math.max(2, x(late.to) - x(late.from)), y: top, height: H - top - bottom }));
      svg.append(label(late.label, 'late-name halo', x(late.from), top - .6 * rem, W, rem, placed));
    }
    svg.append(shape('path', { class: 'last', d: path(c.last, mid, y) }), shape('path', { class: 'base', d: path(c.base, mid, y) }));
    const end = lastOf(c.today), sure = c.sure == null ? end : Math.min(c.sure, end);
    if (end >= 0) {
      const whole = path(c.today.slice(0, sure + 1), mid, y);
      if (whole) svg.append(shape('path', { class: 'under-today', d: whole + `L${mid(sure)} ${y(0)}L${mid(0)} ${y(0)}Z` }), shape('path', { class: 'today', d: whole }));
      if (end > sure) svg.append(shape('path', { class: 'today partial', d: path(c.today.map((v, at) => at < sure ? null : v).slice(0, end + 1), mid, y) }));
      svg.append(shape('circle', { cx: mid(end), cy: y(c.today[end]), r: .42 * rem, fill: 'var(--today)', stroke: 'var(--surface)', 'stroke-width': .14 * rem }));
      const room = mid(end) < W - right - 9 * rem;
      svg.append(shape('text', { class: 'today-name halo', x: mid(end) + (room ? .8 : -.8) * rem, y: Math.max(top + rem, y(c.today[end]) - .7 * rem), 'text-anchor': room ? 'start' : 'end' }, c.names.today));
    }
    sideNames(svg, c, x, y, rem, W - right);
    body.replaceChildren(svg);
  }
  /* A label above the plot; one that would touch another steps down a line, one that would leave the block turns left. */
  function label(text, name, at, y, W, rem, placed) {
    const width = [...text].reduce((sum, char) => sum + (char.charCodeAt(0) > 255 ? 1.25 : .72), .6) * rem, left = Math.min(at, W - width);
    while (placed.some(box => box.y === y && left < box.right && left + width > box.left)) y += 1.6 * rem;
    placed.push({ y, left, right: left + width });
    return shape('text', { class: name, x: left, y }, text);
  }
  /* Names stand at the lines' ends; two that would collide are pushed apart. */
  function sideNames(svg, c, x, y, rem, edge) {
    const names = [['base', c.base, c.names.base], ['last', c.last, c.names.last]].filter(([, values]) => lastOf(values) >= 0)
      .map(([kind, values, name]) => ({ kind, name, y: y(values[lastOf(values)]) + .4 * rem })).sort((a, b) => a.y - b.y);
    if (names.length === 2 && names[1].y - names[0].y < 1.6 * rem) { const mid = (names[0].y + names[1].y) / 2; names[0].y = mid - .8 * rem; names[1].y = mid + .8 * rem; }
    const low = names.length ? y(0) - names[names.length - 1].y : 0;
    if (low < 0) names.forEach(name => { name.y += low; });
    for (const name of names) {
      svg.append(shape('line', { class: name.kind, x1: edge + .25 * rem, x2: edge + 1.5 * rem, y1: name.y - .42 * rem, y2: name.y - .42 * rem }));
      svg.append(shape('text', { class: 'base-name', x: edge + 1.8 * rem, y: name.y }, name.name));
    }
  }

  function list(tile, data) {
    const body = tile.querySelector('.body');
    if (data.empty) return empty(body, data.empty);
    const head = el('tr', {}, ...data.head.map((text, at) => el('th', { style: data.widths ? `width:${data.widths[at]}` : null, scope: 'col' }, text)));
    const rows = data.rows.map(row => el('tr', {}, ...row.map(cell => {
      const td = el('td', { class: cell.tone, title: cell.title });
      if (cell.rank) td.append(el('span', { class: 'rank' }, cell.rank));
      td.append(cell.text);
      return td;
    })));
    const filled = Math.min(1, (data.rows.length + 1) / 6);      // few rows stay as high as many would make them
    body.replaceChildren(el('table', { class: 'list', style: `height:${filled * 100}%` }, el('thead', {}, head), el('tbody', {}, ...rows)));
  }

  function bars(tile, data) {
    const body = tile.querySelector('.body');
    if (data.empty) return empty(body, data.empty);
    let box = body.querySelector('.bars');
    if (!box || box.children.length !== data.rows.length) {
      box = el('div', { class: 'bars' }, ...data.rows.map(() => el('div', {}, el('span', { class: 'name' }), el('div', {}, el('div', { class: 'bar' })), el('span', { class: 'num' }), el('b', { class: 'delta' }))));
      body.replaceChildren(box);
    }
    data.rows.forEach((row, at) => {
      const [name, bar, num, change] = box.children[at].children;
      name.textContent = row.name; name.title = row.name;
      bar.firstChild.style.width = row.share * 100 + '%';
      roll(num, row.text);
      change.className = 'delta ' + (row.delta ? row.delta.tone : 'flat');
      change.textContent = row.delta ? row.delta.text : '';
    });
  }

  function map(tile, data) {
    const body = tile.querySelector('.body');
    if (data.empty) return empty(body, data.empty);
    const box = el('div', { class: 'map', style: `--cols:${data.cols};--rows:${data.rows}`, role: 'img', 'aria-label': data.alt });
    for (const p of data.tiles) {
      const tone = p.level == null ? null : `background:color-mix(in srgb, var(--today) ${Math.round(10 + 90 * p.level)}%, var(--track))`;
      box.append(el('span', { class: p.level == null ? 'off' : null, title: p.title, style: `grid-column:${p.x + 1};grid-row:${p.y + 1};${tone || ''}` }, p.short));
    }
    body.replaceChildren(box, el('ol', { class: 'map-top' }, ...data.top.map(t => el('li', {}, t.name + ' ', el('b', {}, t.text)))));
  }

  const kinds = { kpi, curve, list, bars, map };
  window.wallDraw = { el, roll, tile: (tile, data) => kinds[data.kind](tile, data) };
})();
