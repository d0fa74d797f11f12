import { InvalidArgumentError } from "commander";

export interface ReportTarget {
  readonly format: "junit" | "html";
  readonly path: string;
}

/** `junit:FILE,html:FILE`; a comma that no format follows belongs to the file's name. */
export function parseReportTarget(text: string): ReportTarget[] {
  return text.split(/,(?=(?:junit|html):)/).map((part) => {
    const [, format, path] = /^(junit|html):(.+)$/s.exec(part) ?? [];
    if (path !== undefined && format === "junit") return { format, path };
    if (path !== undefined && format === "html") return { format, path };
    throw new InvalidArgumentError("Give junit:FILE, html:FILE or both with a comma between.");
  });
}
