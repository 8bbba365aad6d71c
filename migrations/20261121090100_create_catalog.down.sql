DROP TABLE product_variants, product_images, products, media, categories;
