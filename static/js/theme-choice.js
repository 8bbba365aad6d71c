// Light, dark, or as the system has it. theme.js applies the choice on the next load.
import { on, onPage } from './page.js';

const root = document.documentElement;

onPage(() => {
  const now = root.dataset.bsTheme ?? 'auto';
  const input = document.querySelector(`[data-theme-choice] input[value="${now}"]`);
  if (input) input.checked = true;
});

on('change', '[data-theme-choice] input', ({ value }) => {
  if (value === 'auto') delete root.dataset.bsTheme;
  else root.dataset.bsTheme = value;
  try {
    if (value === 'auto') localStorage.removeItem('theme');
    else localStorage.setItem('theme', value);
  } catch {
    // storage is blocked: it holds for this page
  }
});
