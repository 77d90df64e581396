// Every time is written in the academy's zone. A browser in another zone gets the zone's name too.

/**
 * @param {number} ms epoch ms
 * @param {string} zone IANA name
 * @param {string} [own] the zone of this browser
 */
export function differs(ms, zone, own) {
  /** @param {string | undefined} timeZone */
  const inZone = (timeZone) => new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", timeZone }).format(ms);
  return zone !== "" && inZone(zone) !== inZone(own);
}

/**
 * Return the time of day in the academy's zone, with its name if the browser lives in another one.
 * @param {number} ms epoch ms
 */
export function timeOfDay(ms) {
  const { lang, dataset } = document.documentElement;
  const text = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: dataset.zone });
  return withZone(text.format(ms), ms);
}

/**
 * @param {string} time as written on the page
 * @param {number} ms epoch ms
 */
export function withZone(time, ms) {
  const { zone = "", zoneWords = "{time}" } = document.documentElement.dataset;
  return differs(ms, zone) ? zoneWords.replace("{time}", time) : time;
}
