// The live part of the chat. A file of its own: pages load it only where a conversation is open, or the launcher is.
import './chat/room.js';
