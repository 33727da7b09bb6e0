/**
 * Objects in a store that speaks S3, through Amazon's SDK.
 *
 * <p>Called by whoever puts the parts together. It knows nothing of checkpoints but the seam that it implements. Start reading at
 * {@link io.qedstore.checkpoint.s3.S3Objects}.
 */
@NullMarked
package io.qedstore.checkpoint.s3;

import org.jspecify.annotations.NullMarked;
