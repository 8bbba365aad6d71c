"""What a load needs of the shop: a product with plenty of stock, and one whose cart line takes 1.5 s to be written."""

SLOW_SECONDS = 1.5
LIMITS = ("SIGN_IN", "SIGN_IN_ACCOUNT", "PASSWORD", "REGISTER", "CHECKOUT", "CONTACT", "ALERT", "CHAT_MESSAGES", "CHAT_JOINS", "CHAT_SOCKETS", "CHAT_SOCKETS_ADDRESS")


def take_limits_away(machine):
    """Limits count for an address, and a whole load has one. Drills also release more often than an administrator, and go back far."""
    lines = "\n".join([*(f"LIMIT_{name}=100000" for name in LIMITS), "RELEASES_KEPT=9"])
    machine.run(f"echo '{lines}' >>/etc/ecommerce/ecommerce.env")
    machine.deploy("restart")


def prepare(machine):
    """The plan of an open-loop load, the stock and the slow trigger being in place."""
    rows = machine.sql(
        "SELECT p.id, v.id, p.slug FROM product_variants v JOIN products p ON p.id = v.product_id "
        "WHERE v.is_default AND v.archived_at IS NULL AND p.archived_at IS NULL ORDER BY v.id LIMIT 2")
    (product, variant, slug), (slow_product, slow_variant, slow_slug) = rows
    for one in (variant, slow_variant):
        # Two statements of one transaction, the ledger's first: it needs the level as it was.
        machine.sql(f"""INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, note)
              SELECT variant_id, 'adjusted', 1000000 + reserved - on_hand, 0, 'drill' FROM stock_levels
              WHERE variant_id = {one} AND 1000000 + reserved <> on_hand;
            UPDATE stock_levels SET on_hand = 1000000 + reserved WHERE variant_id = {one}""")
    machine.sql(f"""CREATE OR REPLACE FUNCTION drill_slow() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep({SLOW_SECONDS}); RETURN NEW; END';
        CREATE OR REPLACE TRIGGER drill_slow AFTER INSERT OR UPDATE ON cart_lines FOR EACH ROW
            WHEN (NEW.variant_id = {slow_variant}) EXECUTE FUNCTION drill_slow()""")
    pages = ["/", "/products", f"/products/{slug}", "/cart", "/api/products/", "/products?search=mug", "/login", f"/products/{slow_slug}", "/api/cart/"]
    return {"host": "localhost", "product": int(product), "slow_product": int(slow_product), "pages": pages}


def tidy(machine):
    """Takes the trigger away."""
    machine.sql("DROP TRIGGER IF EXISTS drill_slow ON cart_lines; DROP FUNCTION IF EXISTS drill_slow()")
