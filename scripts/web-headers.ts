/**
 * The headers of the web app's pages, with the origin of an S3 API among those that a page may connect to: large files
 * go straight there. Throws a `TypeError` for an endpoint that is no URL.
 */
export function webHeaders(headers: string, s3Endpoint: string | undefined): string {
  if (!s3Endpoint) return headers;
  const { origin } = new URL(s3Endpoint);
  return headers.replace("connect-src 'self'", `connect-src 'self' ${origin}`);
}
