// A small shop: pays some orders through the provider at ACKORD_PROVIDER_URL, `naive` or `right`. Node's own fetch, no packages.
//
// The naive one takes a 404, an error or silence for a failure, and pays under a new number at once. The right one waits,
// asks again, and sends the same number again.

const URL = process.env.ACKORD_PROVIDER_URL;
const HEADERS = { authorization: "Bearer sk_main", "content-type": "application/json" };
const ENDS = { PAID: "paid", FAILED: "failed", DECLINED: "failed", CANCELLED: "failed", RETURNED: "failed" };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (number, outcome) => console.log(`order ${number}: ${outcome}`);
const taken = (answer) => answer.code === 200 || answer.code === 202;

// The answer's code, the order's status in it, and how long to wait; 0: nothing came that can be read.
async function call(method, path, body) {
  try {
    const answer = await fetch(URL + path, { method, headers: HEADERS, body: body && JSON.stringify(body), signal: AbortSignal.timeout(1000) });
    const document = answer.ok ? await answer.json() : {};
    return { code: answer.status, status: document.status, retryAfterMs: 1000 * Number(answer.headers.get("retry-after") ?? 0) };
  } catch {
    return { code: 0, retryAfterMs: 0 };
  }
}

const submit = (order, number) => call("POST", "/v1/orders", { order_no: number, amount: 100 + order, currency: "EUR", payee: `payee-${order}` });
const query = (number) => call("GET", `/v1/orders/${number}`);
const numberOf = (order, attempt) => `shop-${String(order).padStart(4, "0")}-${attempt}`;

async function payNaive(order) {
  for (const attempt of [1, 2, 3]) {
    const number = numberOf(order, attempt);
    let answer = await submit(order, number);
    while (taken(answer) && !(answer.status in ENDS)) {
      answer = await query(number);
      await sleep(200);
    }
    const outcome = ENDS[answer.status] ?? "failed";
    say(number, outcome);
    if (outcome === "paid") return;
  }
}

async function payRight(order) {
  const number = numberOf(order, 1);
  const deadline = Date.now() + 60_000;
  let waitMs = 50;
  let answer = await submit(order, number);
  while (!(answer.status in ENDS) && Date.now() < deadline) {
    await sleep(Math.max(waitMs, answer.retryAfterMs));
    waitMs = Math.min(2 * waitMs, 2000);
    // Not found, an error, silence: none of them says that it failed, and the number makes it safe to repeat.
    answer = taken(answer) ? await query(number) : await submit(order, number);
  }
  say(number, ENDS[answer.status] ?? "open");
}

const [mode, orders] = process.argv.slice(2);
const pay = { naive: payNaive, right: payRight }[mode];
await Promise.all(Array.from({ length: Number(orders) }, (_, i) => pay(i + 1)));
