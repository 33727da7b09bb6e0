/** Tests of downloads, apart from the command that asks for them. */
@NullMarked
package io.qedstore.cli.download;

import org.jspecify.annotations.NullMarked;
