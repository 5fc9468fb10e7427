// A shop that pays through Stripe's own library for Node, sent to ACKORD_PROVIDER_URL. Its arguments are those of stripe_shop.py.
const Stripe = require("stripe");

const [what, key, calls, retries, count, prefix] = process.argv.slice(2);
const url = new URL(process.env.ACKORD_PROVIDER_URL);
const options = retries === "default" ? {} : { maxNetworkRetries: Number(retries) };
const client = new Stripe("sk_test_12345", { host: url.hostname, port: url.port, protocol: "http", ...options });
const service = client[what];

async function pay(number) {
  const params = { amount: 1000, currency: "eur", metadata: { order_no: number } };
  if (what === "charges") params.source = "tok_visa";
  for (let call = 0; call < Number(calls); call++) {
    try {
      const made = await service.create(params, key === "own" ? { idempotencyKey: number } : {});
      await service.retrieve(made.id);
      return "paid";
    } catch (error) {
      console.log(`${number}: ${error.code ?? error.type}`);
    }
  }
  return "failed";
}

async function report(order) {
  const number = `${prefix}-${String(order).padStart(4, "0")}`;
  console.log(`order ${number}: ${await pay(number)}`);
}

Promise.all(Array.from({ length: Number(count) }, (_, i) => report(i + 1)));
