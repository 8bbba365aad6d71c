// The − and + beside a number field. The field alone works as well.
import { on, onPage } from './page.js';

function show(stepper) {
  const input = stepper.querySelector('input');
  for (const button of stepper.querySelectorAll('[data-step]')) {
    const end = button.dataset.step < 0 ? input.min : input.max;
    button.disabled = end !== '' && (button.dataset.step < 0 ? +input.value <= +end : +input.value >= +end);
  }
}

on('click', '[data-step]', (button) => {
  const stepper = button.closest('[data-stepper]');
  const input = stepper.querySelector('input');
  const before = input.value;
  if (button.dataset.step < 0) input.stepDown();
  else input.stepUp();
  if (input.value === before) return;
  show(stepper);
  // A disabled button loses the focus: the field keeps it in the neighbourhood.
  if (button.disabled) input.focus();
  input.dispatchEvent(new Event('change', { bubbles: true }));
});
on('input', '[data-stepper] input', (input) => show(input.closest('[data-stepper]')));
onPage(() => document.querySelectorAll('[data-stepper]').forEach(show));
