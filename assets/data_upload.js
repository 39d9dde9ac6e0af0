/* Uploads of the data pages: pieces in order straight to disk, progress while they go, and what became of each file.
   The zone is drawn by Dash at any time, so everything listens on the document. */
(function () {
  'use strict';
  const PIECE = 4 * 1024 * 1024, TRIES = 6;
  const zone = () => document.getElementById('upload-zone');
  let known = {};
  const words = () => { if (zone()) known = JSON.parse(zone().dataset.words); return known; };   // kept while one looks at another page
  const say = (key, fields) => Object.entries(fields || {}).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words()[key] || key);
  const cookie = name => (document.cookie.split('; ').find(part => part.startsWith(name + '=')) || '').slice(name.length + 1);
  const rest = ms => new Promise(done => setTimeout(done, ms));

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value != null) node.setAttribute(name, value);
    node.append(...children.filter(child => child != null));
    return node;
  }
  function size(bytes) {
    for (const [unit, step] of [['GB', 1 << 30], ['MB', 1 << 20], ['KB', 1 << 10]]) if (bytes >= step) return (bytes / step).toFixed(bytes < 10 * step ? 1 : 0) + ' ' + unit;
    return bytes + ' B';
  }

  async function call(method, path, body, type) {
    const headers = { 'X-CSRFToken': decodeURIComponent(cookie('_csrf_token')), Accept: 'application/json' };
    if (type) headers['Content-Type'] = type;
    const response = await fetch(path, { method, body, headers, credentials: 'same-origin' });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok && response.status !== 409) {
      const error = new Error((answer.error && answer.error.message) || `HTTP ${response.status}`);
      error.final = response.status < 500;
      throw error;
    }
    return answer;
  }

  /* A piece that fails is asked about and sent again from where the server stands: a dropped connection costs one piece. */
  async function send(file, moved) {
    let offset = 0, upload = '', failed = 0;
    for (;;) {
      const query = new URLSearchParams({ name: file.name, size: file.size, offset });
      if (upload) query.set('upload', upload);
      try {
        const answer = await call('POST', '/data/files?' + query, file.slice(offset, offset + PIECE), 'application/octet-stream');
        upload = answer.upload; offset = answer.received; failed = 0;
        moved(file.size ? offset / file.size : 1);
        if (answer.whole) return upload;
      } catch (error) {
        if (error.final || ++failed > TRIES) throw error;
        await rest(400 * 2 ** failed);
      }
    }
  }

  /* Dash draws the page anew when it likes; the lines live here and are put back, so an upload goes on while one looks elsewhere. */
  const lines = [], KEPT = 20;
  function put() {
    const list = document.getElementById('upload-list');
    if (list && lines.some((box, at) => list.children[at] !== box)) list.replaceChildren(...lines);
  }
  function row(file) {
    const bar = el('i'), state = el('span', { class: 'upload-state' }, say('waiting')), body = el('div', { class: 'upload-result' });
    const box = el('li', { class: 'upload-row', 'data-state': 'sending' },
      el('div', { class: 'upload-line' }, el('b', { title: file.name }, file.name), el('span', { class: 'muted' }, file.size == null ? '' : size(file.size)), state),
      el('div', { class: 'upload-bar', role: 'progressbar', 'aria-label': file.name, 'aria-valuemin': 0, 'aria-valuemax': 100 }, bar), body);
    lines.unshift(box); lines.splice(KEPT);
    put();
    return { box, body, name: file.name, size: file.size, tell(kind, text, share) {
      box.dataset.state = kind; state.textContent = text;
      if (share != null) { bar.style.width = share * 100 + '%'; bar.parentNode.setAttribute('aria-valuenow', Math.round(share * 100)); }
    } };
  }

  function options() {
    const of = id => (document.getElementById(id) || {}).value || null;
    return { kind: of('upload-kind'), platform: of('upload-platform'), shop: of('upload-shop') };
  }

  /* The choices are true once Dash draws them: in the first HTML an input holds the words it shows. */
  async function live() { while (document.getElementById('first')) await rest(50); }

  async function load(line, upload, trying) {
    line.tell('working', say(trying ? 'trying' : 'queued'), 0);
    await live();
    const { job } = await call('POST', `/data/files/${upload}/load`, JSON.stringify({ ...options(), try: trying }), 'application/json');
    keep({ job, upload, name: line.name, size: line.size });
    await follow(line, job, upload);
  }
  async function follow(line, job, upload) {
    for (let wait = 150; ; wait = Math.min(wait * 1.4, 1500)) {
      const told = await call('GET', `/data/jobs/${job}`);
      if (told.state === 'running') line.tell('working', `${told.label} ${Math.round(told.share * 100)}%`, told.share);
      if (told.state === 'done' || told.state === 'failed') { show(line, told, upload); return; }
      await rest(wait);
    }
  }

  function show(line, told, upload) {
    const parts = [];
    if (told.state === 'failed') {
      line.tell('failed', say('failed'), 1);
      parts.push(el('p', { role: 'alert' }, told.error));
      if (told.map) parts.push(el('a', { class: 'button primary', href: told.map, 'data-nav': '1' }, say('map')));
    } else {
      const clean = told.batches.every(batch => batch.clean);
      line.tell(clean ? 'done' : 'partly', say(told.trying ? 'tried' : clean ? 'done' : 'partly'), 1);
      for (const batch of told.batches) parts.push(counts(batch, told.trying));
      if (told.trying) parts.push(loadButton(line, upload));
    }
    line.body.replaceChildren(...parts);
    document.dispatchEvent(new CustomEvent('cockpit:loaded'));
  }
  function counts(batch, trying) {
    const figure = (name, tone) => el('span', { class: 'upload-count ' + (tone || ''), 'data-count': name, 'data-value': batch[name].replaceAll(',', '') }, say(name) + ' ', el('b', {}, batch[name]));
    const line = el('div', { class: 'upload-counts' }, el('span', { class: 'chip' }, batch.kind), figure('rows_read'), figure('accepted', 'good'),
      trying ? null : figure('unchanged'), figure('quarantined', batch.clean ? '' : 'bad'));
    if (!trying) {
      line.append(el('a', { href: `/data/batches?batch=${batch.batch_id}`, 'data-nav': '1' }, say('batch', { id: batch.batch_id })));
      if (!batch.clean) line.append(el('a', { href: `/data/quarantine?batch=${batch.batch_id}`, 'data-nav': '1' }, say('mend')));
    }
    const notes = [...batch.notes.map(note => el('li', {}, note)),
      ...batch.reasons.map(r => el('li', {}, say('reason', { rows: r.rows, text: r.text, field: r.field || '—', value: r.value == null ? '—' : r.value, first: r.first_row })))];
    return el('div', {}, line, notes.length ? el('ul', { class: 'upload-notes' }, ...notes) : null);
  }
  function loadButton(line, upload) {
    const button = el('button', { class: 'button primary', type: 'button' }, say('load_now'));
    button.addEventListener('click', () => { button.disabled = true; load(line, upload, false).catch(error => line.tell('failed', error.message, 1)); });
    return button;
  }

  let chain = Promise.resolve();
  async function take(files) {
    await live();
    const trying = Boolean(document.querySelector('#upload-try input:checked'));
    for (const file of files) {
      const line = row(file);
      window.cockpitUploads = (window.cockpitUploads || 0) + 1;
      chain = chain.then(async () => {
        try {
          line.tell('sending', say('sending', { share: 0 }), 0);
          const upload = await send(file, share => line.tell('sending', say('sending', { share: Math.round(share * 100) }), share));
          load(line, upload, trying).catch(error => line.tell('failed', error.message, 1));
        } catch (error) { line.tell('failed', error.message, 1); }
        window.cockpitUploads -= 1;
      });
    }
  }

  /* What was sent from this tab is told again after a reload; a file whose columns were just confirmed comes back with its job. */
  const kept = () => JSON.parse(sessionStorage.getItem('cockpit-uploads') || '[]');
  const keep = entry => sessionStorage.setItem('cockpit-uploads', JSON.stringify([...kept(), entry].slice(-KEPT)));
  const again = ({ job, upload, name, size }) => call('GET', `/data/jobs/${job}`)
    .then(told => follow(row({ name: name || told.name, size }), job, upload)).catch(() => {});   // gone with a restart: nothing to tell
  const followed = new Set(), before = kept();   // as it was at the start: what is sent from now on has its line already
  let restored = false;
  setInterval(() => {
    if (!zone()) return;
    if (!restored) { restored = true; before.forEach(entry => { followed.add(String(entry.job)); again(entry); }); }
    put();
    const job = new URLSearchParams(location.search).get('job');
    if (!job || followed.has(job)) return;
    followed.add(job);
    keep({ job: Number(job) });
    again({ job });
  }, 400);

  const input = el('input', { type: 'file', multiple: '', id: 'upload-input', hidden: '', 'aria-hidden': 'true' });
  document.body.append(input);
  const over = event => event.target instanceof Element && event.target.closest('#upload-zone');
  document.addEventListener('dragover', event => { if (zone() && event.dataTransfer && [...event.dataTransfer.types].includes('Files')) { event.preventDefault(); zone().classList.add('over'); } });
  document.addEventListener('dragleave', event => { if (zone() && !event.relatedTarget) zone().classList.remove('over'); });
  document.addEventListener('drop', event => { if (!zone()) return; event.preventDefault(); zone().classList.remove('over'); take([...event.dataTransfer.files]); });
  document.addEventListener('click', event => { if (over(event) && !event.target.closest('a,label,input')) input.click(); });
  document.addEventListener('keydown', event => { if (over(event) && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); input.click(); } });
  document.addEventListener('change', event => { if (event.target === input) { const files = [...input.files]; input.value = ''; take(files); } });
})();
