// Runs before the first paint, so that a chosen theme never flashes in the other one. Without a choice the system's applies.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.bsTheme = theme;
} catch {
  // storage is blocked: the system's theme it is
}
