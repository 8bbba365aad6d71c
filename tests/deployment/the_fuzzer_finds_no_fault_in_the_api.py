"""schemathesis reads the OpenAPI document and sends what fits it and what does not, as a visitor and as staff: no 5xx, and every
answer has a status, a type, headers and a body that the document promises. The catalogue is afterwards as it was."""

from support.client import Client
from support.fuzzer import fuzz, install
from support.shop import FULL, check, say, sql, sql_number

# What the fuzzer does to the catalogue is undone, or the next drill would find nothing to buy.
TABLES = {
    "products": "name, description, category_id, archived_at",
    "product_variants": "price_minor, compare_at_minor, currency",
}
SECONDS = 300 if FULL else 30

command = install()
errors = "SELECT count(*) FROM product_variants v LEFT JOIN stock_levels s ON s.variant_id = v.id WHERE s.on_hand < s.reserved"

for table, columns in TABLES.items():
    sql(f"DROP TABLE IF EXISTS before_fuzzing_{table}; CREATE TABLE before_fuzzing_{table} AS SELECT id, {columns} FROM {table}")
sql("DROP TABLE IF EXISTS before_fuzzing_images; CREATE TABLE before_fuzzing_images AS SELECT * FROM product_images")

try:
    cases = fuzz(command, "a visitor", SECONDS)
    staff = Client()
    check(staff.sign_in("admin", "admin123").status == 200, "the administrator signs in")
    cookies = "; ".join(f"{name}={value}" for name, value in staff.cookies.items())
    # These would end or change the very sign-in that the others need.
    leave_out = ["register", "login", "logout", "update_profile"]
    cases += fuzz(command, "staff", SECONDS, [f"Cookie: {cookies}"], leave_out)
    made = sql_number("SELECT count(*) FROM products WHERE id NOT IN (SELECT id FROM before_fuzzing_products)")
    # Nginx has closed the connection that was idle meanwhile.
    staff.close()
    check(staff.signed_in(), f"the sign-in has lasted, {made} products were made")
    say(f"{cases} requests in all")
finally:
    sql("""DELETE FROM product_images;
           INSERT INTO product_images SELECT * FROM before_fuzzing_images;
           UPDATE products SET archived_at = now() WHERE archived_at IS NULL AND id NOT IN (SELECT id FROM before_fuzzing_products)""")
    for table, columns in TABLES.items():
        taken = ", ".join(f"b.{column}" for column in columns.split(", "))
        sql(f"UPDATE {table} t SET ({columns}) = ROW({taken}) FROM before_fuzzing_{table} b WHERE b.id = t.id; DROP TABLE before_fuzzing_{table}")
    sql("DROP TABLE before_fuzzing_images")

check(sql_number(errors) == 0, "no variant promises more than it has")
mismatches = """SELECT count(*) FROM stock_levels l FULL JOIN (SELECT variant_id, sum(on_hand_delta) AS pieces FROM stock_ledger GROUP BY variant_id) s
                USING (variant_id) WHERE coalesce(on_hand, 0) <> coalesce(pieces, 0)"""
check(sql_number(mismatches) == 0, "every level is the sum of its ledger")
