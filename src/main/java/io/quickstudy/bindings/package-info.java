/**
 * The JavaCPP configuration of our own native library: {@link io.quickstudy.bindings.Native} has
 * one method per function of {@code native/quickstudy.h} and no other behaviour, {@link
 * io.quickstudy.bindings.NativeLibrary} loads it once and keeps the reason where that fails, and
 * {@link io.quickstudy.bindings.NativeMemory} owns memory that both sides see. {@link
 * io.quickstudy.bindings.Emulator} is the same for the emulator that stands in for a GPU in the
 * tests.
 *
 * <p>JavaCPP's builder generates and compiles the glue from the class file of {@code Native} during
 * the build ({@code .mvn/native.sh}) and links it with the kernels and with the OpenBLAS preset.
 *
 * <p>May import: nothing of the project.
 */
package io.quickstudy.bindings;
