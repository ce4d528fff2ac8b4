package io.quickstudy.run;

import io.quickstudy.nn.Norm;
import io.quickstudy.settings.Setting;

/**
 * What concerns any model; the rest are its own options.
 *
 * @param batchNorm whose statistics normalise
 * @param weights safetensors file with the parameters to start from; empty to draw them
 * @param weightsMap YAML file that says which tensor of it is which parameter; empty to go by name
 */
public record ModelSettings(
    @Setting(value = "whose statistics normalise", usual = "transductive") Norm.Policy batchNorm,
    @Setting(
            value = "safetensors file with the parameters to start from; empty to draw them",
            before = "",
            placeholder = "FILE")
        String weights,
    @Setting(
            value =
                "YAML file that says which tensor of it is which parameter; empty to go by name",
            before = "",
            placeholder = "FILE")
        String weightsMap) {}
