/** Records as bytes, and records to test with. */
@NullMarked
package io.qedstore.event;

import org.jspecify.annotations.NullMarked;
