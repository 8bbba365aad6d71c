// Menus are <details>: they open by themselves; this closes them as people expect.
function close(menu, withFocus) {
  menu.open = false;
  if (withFocus) menu.querySelector('summary').focus();
}

document.addEventListener('click', ({ target }) => {
  for (const menu of document.querySelectorAll('[data-menu][open]')) if (!menu.contains(target)) close(menu, false);
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('[data-menu][open]')) close(menu, menu.contains(document.activeElement));
});
document.addEventListener('focusout', ({ target, relatedTarget }) => {
  const menu = target.closest?.('[data-menu][open]');
  if (menu && relatedTarget && !menu.contains(relatedTarget)) close(menu, false);
});
