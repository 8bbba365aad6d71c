// The field to write in: it grows, Enter sends, Shift and Enter breaks the line; what was typed survives a reload.
const DRAFT = 'chat.draft.';

function kept(token) {
  try {
    return sessionStorage.getItem(DRAFT + token) ?? '';
  } catch {
    return '';
  }
}

function keep(token, text) {
  try {
    if (text) sessionStorage.setItem(DRAFT + token, text);
    else sessionStorage.removeItem(DRAFT + token);
  } catch {
    // storage is blocked: it lives as long as the page
  }
}

/** Brings `form` to life. `send(text)` is called with what was written; `typing(bool)` while it is. */
export function compose(form, token, { send, typing = () => {} }) {
  const field = form.querySelector('textarea');
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight + 2, 180)}px`;
  };
  const submit = () => {
    if (send(field.value.trim()) === false) return;
    field.value = '';
    keep(token, '');
    grow();
    field.focus();
  };
  field.value ||= kept(token);
  field.addEventListener('input', () => {
    grow();
    keep(token, field.value);
    typing(field.value.trim() !== '');
  });
  field.addEventListener('keydown', (event) => {
    // While a word is being composed (Japanese, for one) Enter belongs to that.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    event.stopPropagation();
    submit();
  });
  grow();
  return { field, grow, fill: (text) => { field.value = text; grow(); keep(token, text); field.focus(); } };
}
