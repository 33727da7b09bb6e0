/** Tests of imports over broken connections, against a double. */
@NullMarked
package io.qedstore.cli.upload;

import org.jspecify.annotations.NullMarked;
