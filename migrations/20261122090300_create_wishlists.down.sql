DROP TABLE saved_lines;
DROP TABLE wishlist_items;
DROP TABLE wishlists;
