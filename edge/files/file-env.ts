/** The bindings and texts that files need; texts are read through file-settings.ts only. */
export interface FileEnv {
  /** The bucket; the texts below, when given, name another store. */
  FILES?: R2Bucket;
  /** Cloudflare Images. Absent: the worker decodes pictures itself, within narrower bounds. */
  IMAGES?: ImagesBinding;
  S3_ENDPOINT?: string;
  S3_BUCKET?: string;
  S3_REGION?: string;
  S3_ACCESS_KEY?: string;
  S3_SECRET_KEY?: string;
  /** Secret: signs the URLs of files. */
  FILE_URL_SECRET?: string;
  FILE_QUOTA_BYTES?: string;
  FILE_GRACE_S?: string;
}
