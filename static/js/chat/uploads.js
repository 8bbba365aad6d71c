// Files of the message that is being written: sent at once, shown beside the field, part of the message when it is sent.
import { element, sizeOf } from './text.js';

const MOST = 5 * 1024 * 1024;
const KINDS = /^(image\/(jpeg|png|webp)|application\/pdf)$/;

/** Brings the file button of `form` to life; `take()` gives the file's token and forgets it. */
export function uploads(root, form) {
  const input = form.querySelector('input[type="file"]');
  const shelf = root.querySelector('[data-chat-files]');
  const state = { token: undefined, isBusy: false };
  if (!input || !shelf) return { take: () => undefined, isBusy: false };
  let running;

  const clear = () => {
    running?.abort();
    Object.assign(state, { token: undefined, isBusy: false });
    input.value = '';
    shelf.replaceChildren();
    shelf.hidden = true;
  };
  const show = (text, isBad) => {
    const close = element('button', 'chat-link', 'Remove');
    close.type = 'button';
    close.addEventListener('click', clear);
    const line = element('p', isBad ? 'chat-files-line is-bad' : 'chat-files-line', text, ' ', close);
    if (isBad) line.setAttribute('role', 'alert');
    shelf.replaceChildren(line);
    shelf.hidden = false;
  };
  const upload = async (file) => {
    clear();
    if (!KINDS.test(file.type)) return show(`${file.name}: pictures (JPEG, PNG, WebP) and PDF files can be sent.`, true);
    if (file.size > MOST) return show(`${file.name}: at most 5 MB can be sent, this has ${sizeOf(file.size)}.`, true);
    state.isBusy = true;
    show(`Sending ${file.name}…`);
    running = new AbortController();
    const body = new FormData();
    body.append('file', file);
    try {
      const { signal } = running;
      const answer = await fetch(root.dataset.upload, { method: 'POST', body, signal, headers: { Accept: 'application/json' } });
      const data = await answer.json();
      if (!answer.ok) return show(`${file.name}: ${data.error ?? 'This could not be sent.'}`, true);
      state.token = data.token;
      show(`${data.file_name}, ${sizeOf(data.bytes)}, goes with your next message.`);
    } catch (error) {
      if (error.name !== 'AbortError') show(`${file.name} could not be sent. Please try again.`, true);
    } finally {
      state.isBusy = false;
    }
  };
  input.addEventListener('change', () => { if (input.files[0]) upload(input.files[0]); });
  form.addEventListener('paste', ({ clipboardData }) => { if (clipboardData?.files[0]) upload(clipboardData.files[0]); });
  return {
    take() {
      const { token } = state;
      if (!state.isBusy) clear();
      return token;
    },
    get isBusy() { return state.isBusy; },
  };
}
