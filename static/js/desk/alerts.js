// Sound and desktop notifications: off until an agent asks for them by a button.
import { on } from '../page.js';
import { keep, kept } from './parts.js';

let audio;

const wants = (what) => kept('localStorage', what, false);

/** Shows at the buttons what is on. */
export function showAlerts() {
  for (const what of ['sound', 'notify']) {
    const isOn = wants(what) && (what === 'sound' || window.Notification?.permission === 'granted');
    document.querySelector(`[data-desk="${what}"]`)?.setAttribute('aria-pressed', String(isOn));
  }
  if (!window.Notification) document.querySelector('[data-desk="notify"]')?.setAttribute('hidden', '');
}

function beep() {
  audio ??= new AudioContext();
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.12, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.35);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.35);
}

/** Somebody wrote: a sound, and where nobody looks a notification. */
export function alertAgent({ title, text, token }) {
  if (wants('sound')) beep();
  if (!wants('notify') || !document.hidden || window.Notification?.permission !== 'granted') return;
  const shown = new Notification(title, { body: text.slice(0, 140), tag: token });
  shown.onclick = () => {
    window.focus();
    document.getElementById(`line-${token}`)?.click();
    shown.close();
  };
}

on('click', '[data-desk="sound"]', () => {
  keep('localStorage', 'sound', !wants('sound'));
  if (wants('sound')) beep();
  showAlerts();
});
on('click', '[data-desk="notify"]', async () => {
  const isOn = wants('notify') && Notification.permission === 'granted';
  keep('localStorage', 'notify', !isOn && await Notification.requestPermission() === 'granted');
  showAlerts();
});
