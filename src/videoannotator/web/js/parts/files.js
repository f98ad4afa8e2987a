/** The files of a finished job. */

import { h } from "../dom.js";
import * as format from "../format.js";

const KINDS = { annotations: "Annotations", table: "Tables", run: "Record of the run", preview: "Pictures", video: "Videos" };

/** A panel of downloads, the picture of the whole first where there is one. */
export function files(job, artifacts) {
  const base = `/api/v1/jobs/${job.id}/artifacts`;
  const picture = artifacts.find((one) => one.media_type.startsWith("image/"));
  const groups = Object.entries(KINDS).map(([kind, title]) => group(title, artifacts.filter((one) => one.kind === kind), base));
  const others = artifacts.filter((one) => !(one.kind in KINDS));
  return h(
    "section.panel",
    {},
    h("div.row.spread", {}, h("h2", {}, "Results"), h("a.button.small", { href: `${base}.zip`, download: "" }, "Download all (ZIP)")),
    picture && h("img.preview", { src: `${base}/${picture.id}?inline=true`, alt: "Sampled frames of the video over a time line of what was found" }),
    groups,
    group("Other files", others, base),
  );
}

function group(title, found, base) {
  if (!found.length) return null;
  return [
    h("h3", {}, title),
    h("table", {}, h("tbody", {}, found.map((one) =>
      h("tr", {},
        h("td", {}, h("a", { href: `${base}/${one.id}`, download: one.name }, one.name)),
        h("td.narrow.muted", {}, one.format),
        h("td.narrow.muted", {}, format.size(one.size_bytes)),
      ),
    ))),
  ];
}
