/* The site's search: every word of the query must stand somewhere in a section, its page's title
 * included. The theme's own search cuts Japanese into words, differently in the text and in the
 * query, and so finds nothing for many compounds; looking for the characters themselves needs no
 * words.
 *
 * Runs as the theme's search worker. What they say to each other:
 *   {type: 0, data: {docs}} -> {type: 1}            the index is there
 *   {type: 2, data: "query"} -> {type: 3, data}     data.items: one list of sections per page
 */
"use strict";

(() => {
  const SNIPPET = 160;
  const BEFORE = 40;
  const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };

  let sections = [];

  /** Full and half width, upper and lower case, hiragana and katakana become one. */
  const fold = (text) =>
    text
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[\u3041-\u3096]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60));

  /** Texts have a space between Latin letters and Japanese; who searches mostly types none. */
  const SPACE_AT_JAPANESE = /(?<=[\u3000-\u30ff\u3400-\u9fff]) | (?=[\u3000-\u30ff\u3400-\u9fff])/g;

  const foldAll = (text) => fold(text).replace(SPACE_AT_JAPANESE, "");

  const plain = (html) =>
    html
      .replace(/<\/?(?:p|pre|ul|ol|li)\b[^>]*>/g, " ")
      .replace(/<[^>]+>/g, "")
      .replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity])
      .replace(/\s+/g, " ");

  const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

  const setUp = (docs) => {
    sections = docs.map((doc) => {
      const title = plain(doc.title);
      const body = plain(doc.text);
      return {
        location: doc.location,
        page: doc.location.split("#")[0],
        boost: doc.boost || 1,
        title,
        body,
        foldedTitle: foldAll(title),
        foldedBody: foldAll(body),
      };
    });
    const pages = new Map(sections.filter((s) => s.location === s.page).map((s) => [s.page, s]));
    for (const section of sections) section.parent = pages.get(section.page);
  };

  /** How well a section answers one word; 0 if not at all. */
  const scoreOf = (section, word) => {
    const isPage = section.location === section.page;
    let score = 0;
    if (section.foldedTitle === word) score = 40;
    else if (section.foldedTitle.startsWith(word)) score = 25;
    else if (section.foldedTitle.includes(word)) score = 20;
    if (!isPage) score /= 2;
    const inBody = section.foldedBody.split(word).length - 1;
    return score + (inBody ? Math.min(inBody, 4) : 0);
  };

  /** The score for all words, of which the page's title and address may hold some but not all. */
  const total = (section, words) => {
    const scores = words.map((word) => scoreOf(section, word));
    if (!scores.some(Boolean)) return 0;
    const about = `${section.parent ? section.parent.foldedTitle : ""} ${section.page}`;
    if (!words.every((word, i) => scores[i] || about.includes(word))) return 0;
    return section.boost * scores.reduce((sum, score) => sum + (score || 0.5), 0);
  };

  /** `text` folded, and for each character of that the place in `text` it comes from. */
  const traced = (text) => {
    const origins = [];
    let folded = "";
    let at = 0;
    for (const character of text) {
      const part = fold(character);
      folded += part;
      for (let n = 0; n < part.length; n++) origins.push(at);
      at += character.length;
    }
    const spaces = new Set([...folded.matchAll(SPACE_AT_JAPANESE)].map((match) => match.index));
    return {
      folded: folded.split("").filter((_, n) => !spaces.has(n)).join(""),
      origins: origins.filter((_, n) => !spaces.has(n)),
    };
  };

  /** `text` as HTML with the words marked; of a long one, the part around the first of them. */
  const excerpt = (text, words, longest = Infinity) => {
    const { folded, origins } = traced(text);
    const hit = new Set();
    for (const word of words)
      for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length))
        for (let n = at; n < at + word.length; n++) hit.add(origins[n]);
    const first = hit.size ? Math.min(...hit) : 0;
    const start = text.length > longest ? Math.max(0, first - BEFORE) : 0;
    let html = start ? "…" : "";
    let at = 0;
    for (const character of text) {
      if (at >= start + longest) break;
      if (at >= start) html += hit.has(at) ? `<mark>${escaped(character)}</mark>` : escaped(character);
      at += character.length;
    }
    return html.replaceAll("</mark><mark>", "") + (at < text.length ? "…" : "");
  };

  const search = (query) => {
    const words = fold(query)
      .split(/[\s/"+*]+/)
      .filter(Boolean);
    if (!words.length) return { items: [] };
    const shown = (section, score) => ({
      location: section.location,
      title: excerpt(section.title, words),
      text: score ? excerpt(section.body, words, SNIPPET) : "",
      score,
      terms: {},
    });
    const pages = new Map();
    for (const section of sections) {
      const score = total(section, words);
      if (!score) continue;
      if (!pages.has(section.page)) pages.set(section.page, []);
      pages.get(section.page).push(shown(section, score));
    }
    const items = [...pages].map(([page, list]) => {
      list.sort((a, b) => b.score - a.score);
      const parent = sections.find((s) => s.location === page);
      if (parent && !list.some((item) => item.location === page)) list.push(shown(parent, 0));
      return list;
    });
    return { items: items.sort((a, b) => b[0].score - a[0].score) };
  };

  const answer = ({ type, data }, reply) => {
    if (type === 0) {
      setUp(data.docs);
      reply({ type: 1 });
    } else if (type === 2) {
      reply({ type: 3, data: search(data) });
    }
  };

  if (typeof document === "undefined") {
    addEventListener("message", (event) => answer(event.data, postMessage));
  } else if (location.protocol === "file:") {
    // Browsers start no workers from the file system; there the search runs in the page.
    window.Worker = class extends EventTarget {
      postMessage(message) {
        answer(message, (data) => this.dispatchEvent(new MessageEvent("message", { data })));
      }
    };
  }
})();
