// The page to try the JSON API: sends what a form holds and shows what comes back, digit by digit.

function address(form) {
  const query = new URLSearchParams();
  let path = form.dataset.path;
  for (const field of form.querySelectorAll('[data-in="path"], [data-in="query"]')) {
    if (field.dataset.in === 'path') path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value !== '') query.append(field.name, field.value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function request(form) {
  const headers = new Headers({ Accept: 'application/json' });
  for (const field of form.querySelectorAll('[data-in="header"]')) if (field.value !== '') headers.set(field.name, field.value);
  const body = form.querySelector('[data-in="body"]')?.value.trim();
  if (body) headers.set('Content-Type', 'application/json');
  return { method: form.dataset.method, headers, body: body || undefined, credentials: 'same-origin', cache: 'no-store' };
}

// Numbers are left as they were sent: parsing would make 19.90 a 19.9.
function indented(json) {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return json.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+|\s+/g, (token, at) => {
    if (/^\s/.test(token)) return '';
    const empty = /^[[{]\s*[\]}]/.test(json.slice(at, at + 20));
    if (token === '{' || token === '[') {
      depth += 1;
      return empty ? token : token + line();
    }
    if (token === '}' || token === ']') {
      depth -= 1;
      return /[[{]\s*$/.test(json.slice(0, at)) ? token : line() + token;
    }
    if (token === ',') return token + line();
    return token === ':' ? ': ' : token;
  });
}

async function send(form) {
  const began = performance.now();
  const response = await fetch(address(form), request(form));
  const text = await response.text();
  const took = Math.round(performance.now() - began);
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    ok: response.ok,
    status: `${response.status} ${response.statusText} in ${took} ms`,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: isJson ? indented(text) : text,
  };
}

function show(form, answer) {
  const result = form.querySelector('.api-result');
  result.hidden = false;
  const status = result.querySelector('.api-status');
  status.textContent = answer.status;
  status.classList.toggle('is-good', answer.ok);
  for (const [name, text] of [['.api-headers', answer.headers], ['.api-answer', answer.body]]) {
    const box = result.querySelector(name);
    box.textContent = text;
    box.hidden = text === '';
  }
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-api-try]')) return;
  event.preventDefault();
  if (form.hasAttribute('aria-busy')) return;
  form.setAttribute('aria-busy', 'true');
  try {
    show(form, await send(form));
  } catch (error) {
    show(form, { ok: false, status: `No answer: ${error.message}`, headers: '', body: '' });
  } finally {
    form.removeAttribute('aria-busy');
  }
});

// A link to an operation opens it.
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener('hashchange', open);
open();
