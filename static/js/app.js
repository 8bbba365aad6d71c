// Comforts on top of pages that work without them: one small file a behaviour.
import './htmx.js';
import './once.js';
