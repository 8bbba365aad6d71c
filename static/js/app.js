// Comforts on top of pages that work without them: one small file a behaviour.
import './htmx.js';
import './announce.js';
import './scroll.js';
import './errors.js';
import './once.js';
import './toast.js';
import './theme-choice.js';
import './menu.js';
import './stepper.js';
import './password.js';
import './copy.js';
import './form-helpers.js';
import './combobox.js';
import './list.js';
import './gallery.js';
import './buy-bar.js';
import './chat-launcher.js';
