//! How many sockets are open from each network address. Each server counts its own: a count that servers share would have to outlive
//! those that are killed, and what a flood costs is the memory of the server that it meets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The sockets of this server, by network.
#[derive(Debug, Default)]
pub struct Networks(Mutex<HashMap<String, u32>>);

/// A place in a network's count. It is free again when the last of its socket is gone from memory, also of one that never spoke.
#[derive(Debug)]
pub struct Place {
    networks: Arc<Networks>,
    network: String,
}

impl Networks {
    /// One more from a network; `None` if it has as many as it may.
    pub fn take(self: &Arc<Self>, network: String, most: u32) -> Option<Arc<Place>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&network).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        open.insert(network.clone(), count + 1);
        Some(Arc::new(Place { networks: self.clone(), network }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.networks.0.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.network)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_with_the_last_that_held_it_and_nothing_is_kept_of_who_left() {
        let networks = Arc::new(Networks::default());
        let mut places: Vec<_> = (0..3).map(|_| networks.take("a".to_owned(), 3).unwrap()).collect();
        assert!(networks.take("a".to_owned(), 3).is_none());
        let other = networks.take("b".to_owned(), 3);
        assert!(other.is_some(), "another network has its own");
        let held = places[0].clone();
        places.remove(0);
        assert!(networks.take("a".to_owned(), 3).is_none(), "something of it is still there");
        drop(held);
        drop(networks.take("a".to_owned(), 3).unwrap());
        drop((places, other));
        assert!(networks.0.lock().unwrap().is_empty());
    }
}
