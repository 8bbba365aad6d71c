// The agents' desk, on top of a page that works by forms: live messages, several conversations at once, everything by keyboard.
import './desk/keys.js';
import './desk/completion.js';
import './desk/room.js';
