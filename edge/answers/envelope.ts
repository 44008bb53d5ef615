/** Where a page stands among all, when pages were asked for by number. */
export interface Pagination {
  currentPage: number;
  totalPages: number;
  totalCount: number;
  hasNext: boolean;
  hasPrevious: boolean;
  limit: number;
}

/** What stands before the data and after it. */
export function envelopeAround(
  requestId: string,
  pagination: Pagination | undefined,
): { before: string; after: string } {
  const metadata = {
    timestamp: new Date().toISOString(),
    requestId,
    ...(pagination === undefined ? {} : { pagination }),
  };
  return {
    before: `{"success":true,"message":"OK","data":`,
    after: `,"metadata":${JSON.stringify(metadata)}}`,
  };
}

export function paginationOf(page: number, limit: number, totalCount: number): Pagination {
  const totalPages = Math.ceil(totalCount / limit);
  return {
    currentPage: page,
    totalPages,
    totalCount,
    hasNext: page < totalPages,
    hasPrevious: page > 1,
    limit,
  };
}
