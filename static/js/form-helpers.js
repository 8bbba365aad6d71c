// Forms that send themselves on a change, and fields that belong to one choice.
import { on, onPage } from './page.js';

on('change', 'form[data-autosubmit]', (form) => form.requestSubmit());

/** data-shown-for="payment_method=credit_card,debit_card": seen while that field has one of these values. */
function update(scope) {
  for (const part of scope.querySelectorAll('[data-shown-for]')) {
    const [name, values] = part.dataset.shownFor.split('=');
    const form = part.closest('form');
    const value = form ? new FormData(form).get(name) : null;
    part.hidden = !values.split(',').includes(String(value));
  }
}

onPage(update);
on('change', 'form', update);
