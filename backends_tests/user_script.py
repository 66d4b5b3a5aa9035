# pyright: strict
"""What a user writes: every public name, for the strictest of type checkers."""

from mnistcnn import (
    ArtifactError,
    DataError,
    Dataset,
    DigitClassifier,
    Evaluation,
    TrainConfig,
    TrainResult,
    __version__,
    build_model,
    evaluate,
    inspect_artifact,
    load_artifact,
    load_data,
    recipe,
    save_artifact,
    train,
)

data: Dataset = load_data("strokes", limit=60)
config: TrainConfig = TrainConfig(epochs=1, recipe=recipe("fast").name)
result: TrainResult = train(config, data, out="run")
path = save_artifact(build_model("base"), "untrained.keras", card={"by": "me"})
scores: Evaluation = evaluate(load_artifact(path), data.x_test, data.y_test)
print(__version__, scores.accuracy, scores.per_class[0]["recall"])
print(scores.confusion.sum(), inspect_artifact(result.best).classes)
try:
    classifier = DigitClassifier.from_artifact(result.best)
    labels = classifier.predict(data.x_test)
    rows = classifier.predict_proba([[0.0] * 28] * 28)
    print(labels[0], rows.max(), classifier.classes_[rows.argmax()])
    for reading in classifier.read(data.x_test[0]):
        print(reading.label, reading.probability, reading.box)
except (ArtifactError, DataError) as error:
    print(error)
