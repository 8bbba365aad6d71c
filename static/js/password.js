// Shows what is being typed into a password field.
import { on } from './page.js';

on('click', '.password-toggle', (button) => {
  const input = button.closest('[data-password]').querySelector('input');
  const shown = input.type === 'password';
  input.type = shown ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(shown));
  const use = button.querySelector('use');
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, shown ? '#eye-slash' : '#eye'));
});

// Sent as a password, so that no browser keeps it among the texts it offers.
document.addEventListener('submit', ({ target }) => {
  for (const input of target.querySelectorAll('[data-password] input')) input.type = 'password';
}, true);
