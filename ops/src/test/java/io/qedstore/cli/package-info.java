/** Tests of the program: in this process, as a process of its own, and side by side with qemu-img. */
@NullMarked
package io.qedstore.cli;

import org.jspecify.annotations.NullMarked;
