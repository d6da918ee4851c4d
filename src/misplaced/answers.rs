//! What is said of misplaced calls.

/// Bounds that nothing meets: what rustc says of one is the answer to the calls that ask for it.
macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident: $message:literal, $label:literal, $($note:literal),+;)*) => { $(
        $(#[$doc])*
        #[diagnostic::on_unimplemented(message = $message, label = $label, $(note = $note),+)]
        pub trait $name {
            /// What a call gives.
            type Given;
        }
    )* };
}

answers! {
    /// What has weights: no network, but its model.
    Weighted:
        "`{Self}` is a network, which has no weights: make a model of it with `Model::new`",
        "this is for the model",
        "`let mut model = Model::new(network, 42);` draws weights from the seed 42; the model runs, trains, saves and loads";

    /// What makes a model of a file alone: no network.
    Opened:
        "`{Self}` is a network, which has no weights: `Model::open({Self}, \"net.safetensors\")?` makes a model of it with those of a file",
        "this is for the model",
        "`model.load(\"net.safetensors\")?` reads a file into a model that is there already";

    /// What a file was read into: a model, and not the list of what was read.
    Filled:
        "`load` fills the model that it is called on, and gives the names of what it read: call this on that model",
        "this is for the model",
        "a model made of a file is `Model::open(Net, \"net.safetensors\")?`";

    /// What calculates its figures when the program runs: no network.
    Counted:
        "the figures of a network are constants: `{Self}::PARAMS`, `{Self}::MACS`, `{Self}::FLOPS`",
        "a constant, without parentheses",
        "`{Self}::FIGURES` has all of them, `{Self}::summary()` is a table of the stages";

    /// What has a mode for evaluation: no model.
    Switched:
        "a model has no mode to switch: `forward` and `predict` evaluate, `step` and a trainer's `fit` train",
        "leave this out",
        "dropout and batch norms follow: they regularise and count within `step` and `fit` alone";

    /// What keeps gradients from step to step: neither a model nor an optimizer.
    Accumulated:
        "gradients are made anew in each `step`: there is nothing to set to zero",
        "leave this out",
        "`model.step(&samples, &targets, &CrossEntropy, &mut optimizer)?` is forward, loss, backward and update in one";

    /// What gives its weights as a dictionary: no model.
    Listed:
        "a model has no dictionary of its weights: `model.save(\"net.safetensors\")?` writes them, `model.load(\"net.safetensors\")?` reads them",
        "save or load a file",
        "PyTorch writes and reads the same files by `safetensors.torch`; `model.params()` has the name, the dims and the values of each weight";

    /// What lies on a device: no model.
    Moved:
        "a model runs on the processor: there is no device to move it to",
        "leave this out",
        "it runs on all threads that rayon has; `model.cast::<f64>()` is the same model in another element type";

    /// What trains by itself: no model.
    Compiled:
        "a model is trained by a `Trainer`, which has the optimizer and the loss",
        "this is for a trainer",
        "`Trainer::new(Adam::new(1e-3)).loss(CrossEntropy).epochs(10).fit(&mut model, &train, &held_out)?`; a loop of your own calls `model.step(&samples, &targets, &CrossEntropy, &mut optimizer)?`";

    /// What evaluates itself on a data set: no model.
    Evaluated:
        "a model is evaluated by a function: `shapewright::train::evaluate(&model, &data, &CrossEntropy)`",
        "this is a function",
        "it gives the loss, the accuracy, the confusion matrix, precision and recall; `model.forward(&batch)` gives the outputs alone";

    /// What finds the largest of its values: no batch.
    Ranked:
        "`model.predict(&image)` gives the class of a sample and its probability",
        "this is for the model",
        "`accuracy(&model, &data)` is the share of samples whose class is right; `batch.as_slice()` has all values, sample by sample";

    /// What compares outputs with targets by itself: no loss.
    Compared:
        "a loss is given to the model: `model.step(&samples, &targets, &CrossEntropy, &mut optimizer)?` is forward, loss, backward and update in one",
        "this is for the model",
        "`evaluate(&model, &data, &CrossEntropy)` measures without training";

    /// What divides itself into batches: no data set.
    Batched:
        "a data set is divided into batches by a `Trainer`, or by `order` in a loop of your own",
        "this is for a trainer, or for a loop",
        "`Trainer::new(Adam::new(1e-3)).batch_size(64).fit(&mut model, &train, &held_out)?`",
        "`for indices in shapewright::data::order(train.len(), 1, epoch).chunks(64) {{ let part = train.select(indices); model.step(part.inputs(), part.labels(), &CrossEntropy, &mut optimizer)?; }}`";

    /// What a function makes: no schedule, and no loss without settings.
    Constructed:
        "`{Self}` is a plain value, which is written without `new`",
        "write the value",
        "schedules: `Cosine`, `Cosine::with_warmup(200)`, `OneCycle`, `Exponential(0.95)`, `StepDecay {{ epochs: 10, factor: 0.1 }}`, `MultiStep {{ milestones: vec![30, 60], factor: 0.1 }}`, `ReduceOnPlateau {{ factor: 0.1, patience: 10 }}`; they multiply the learning rate that the optimizer has",
        "losses: `MeanSquaredError`, `MeanAbsoluteError`, `BinaryCrossEntropy`, `Huber {{ delta: 1.0 }}`; `Patience(3)` is one, too";
}
