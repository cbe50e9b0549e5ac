using System.Text.Json.Serialization;

namespace Migrator.Core.Archives;

/// <summary>Each type that <see cref="ArchiveJson"/> writes or reads: code for it is generated, as a program that is compiled ahead of time
/// cannot look at types.</summary>
// Only what the types are made of: how they are written say the options, and generated writers would not ask them.
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AcceptedLoss))]
[JsonSerializable(typeof(ArchiveFormat))]
[JsonSerializable(typeof(KeyRecord))]
[JsonSerializable(typeof(LeaseNote))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(MailboxCheck))]
[JsonSerializable(typeof(PackRotation.Progress))]
[JsonSerializable(typeof(Proof))]
[JsonSerializable(typeof(QuarantineNote))]
[JsonSerializable(typeof(ControlMark))]
[JsonSerializable(typeof(ControlNotes.Sealed))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ArchiveJsonContext : JsonSerializerContext;
