import assert from "node:assert/strict";
import { test } from "node:test";

import { clockText, exactClockText } from "../../static/js/lib/clock-text.js";

test("a time is told in seconds, and for a cut in hundredths that lead to the same picture", () => {
  assert.equal(clockText(3723.99), "1:02:03");
  assert.equal(exactClockText(3723.99), "1:02:03.99");
  assert.equal(exactClockText(0.04), "0:00:00.04");
  assert.equal(exactClockText(59.999), "0:00:59.99");
  assert.equal(exactClockText(-1), "0:00:00.00");
});
