/**
 * Kernels that carry a task through a whole program: a block of threads has the task's values in
 * memory of its own and goes from step to step behind barriers, as a CPU's worker goes with the
 * values in its cache. Small programs, whose launches wait for one another, become a launch or two.
 *
 * <ol>
 *   <li>{@link io.quickstudy.backend.cuda.tasks.TaskSchedule} puts steps side by side where they
 *       are independent, and loops behind the steps whose results they go over.
 *   <li>{@link io.quickstudy.backend.cuda.tasks.ProductShare} shares a product out over threads,
 *       {@link io.quickstudy.backend.cuda.tasks.TaskSource} writes what each kind of step does, on
 *       top of {@code kernels/task.cuh}.
 *   <li>{@link io.quickstudy.backend.cuda.tasks.TaskKernel} makes a kernel of that and the table it
 *       reads: steps that do the same with other values are one function and several rows.
 * </ol>
 *
 * <p>May import: {@code backend.cuda.kernels}, {@code backend.cuda.loops}, {@code backend.plan},
 * {@code graph}.
 */
package io.quickstudy.backend.cuda.tasks;
