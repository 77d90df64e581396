import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../../static/js/lib/server-clock.js";

const SERVER = 1_772_431_200_000;
const QUARTER = 14 * 60_000;

for (const wrong of [-QUARTER, 0, QUARTER]) {
  test(`a device that is ${wrong / 60_000} minutes off shows the server's time`, (t) => {
    let device = SERVER + wrong;
    t.mock.method(Date, "now", () => device);
    const clock = new ServerClock(SERVER - 2000, 2000); // written two seconds ago
    assert.equal(clock.now(), SERVER);
    device += 60_000;
    assert.equal(clock.now(), SERVER + 60_000);
  });

  test(`what the socket says counts from then on, ${wrong / 60_000} minutes off`, (t) => {
    t.mock.method(Date, "now", () => SERVER + wrong);
    const clock = new ServerClock(SERVER - 900, 0); // the page lay in a proxy
    clock.correct(SERVER);
    assert.equal(clock.now(), SERVER);
  });
}

test("a page that says nothing goes by the device", (t) => {
  t.mock.method(Date, "now", () => SERVER);
  assert.equal(new ServerClock(NaN, 5000).now(), SERVER);
});
