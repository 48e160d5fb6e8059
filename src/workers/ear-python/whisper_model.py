"""Whisper by CTranslate2: samples to words."""

import os

import ctranslate2
import numpy
import tokenizers

RATE = 16000
# The model knows only windows of this length. A shortened one is quicker and invents words at its end.
WINDOW_SAMPLES = 30 * RATE
FFT = 400
HOP = 160
MELS = 80
FRAMES = WINDOW_SAMPLES // HOP
# Nobody says more tokens a second; a run that wants to is repeating itself.
TOKENS_PER_S = 14
TOKENS_AT_LEAST = 12
# Said before, so that Chinese comes in one script, with marks.
PROMPTS = {"zh": "以下是普通话的句子。", "zh-hant": "以下是普通話的句子。"}
# Below both, the model itself takes it for noise (the rule of its authors).
NO_SPEECH = 0.6
UNSURE = -1.0
# What it writes for a noise or a breath, because its training films end so.
INVENTED = (
    "字幕由amara.org社区提供",
    "字幕由amara.org社區提供",
    "请不吝点赞订阅转发打赏支持明镜与点点栏目",
    "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
    "谢谢观看",
    "謝謝觀看",
    "谢谢大家收看",
    "感谢观看",
    "thanksforwatching",
)


class WhisperModel:
    def __init__(self, directory, threads):
        self._model = ctranslate2.models.Whisper(directory, device="cpu", compute_type="int8", inter_threads=threads, intra_threads=cores_each(threads))
        self._tokenizer = tokenizers.Tokenizer.from_file(os.path.join(directory, "tokenizer.json"))
        self._mels = mel_filters()
        self._prompts = {language: self._tokenizer.encode(f" {text}", add_special_tokens=False).ids for language, text in PROMPTS.items()}

    def knows(self, language):
        return self._tokenizer.token_to_id(f"<|{language}|>") is not None

    def transcribe(self, samples, language, cancelled):
        """Words in at most 30 s of 16 kHz, and how sure they are; None if no longer wanted. `language` is BCP 47."""
        encoded = self._model.encode(ctranslate2.StorageView.from_array(log_mel(samples, self._mels)))
        if cancelled():
            return None
        primary = language.split("-")[0].lower()
        prompt = self._start(primary, language)
        most = TOKENS_AT_LEAST + int(TOKENS_PER_S * len(samples) / RATE)
        result = self._model.generate(encoded, [prompt], beam_size=1, max_length=len(prompt) + most, return_scores=True, return_no_speech_prob=True)[0]
        score = result.scores[0]
        text = self._tokenizer.decode(result.sequences_ids[0], skip_special_tokens=True).strip()
        if invented(text) or (result.no_speech_prob > NO_SPEECH and score < UNSURE):
            text = ""
        return text, float(numpy.exp(min(0.0, score)))

    def _start(self, primary, language):
        token = self._tokenizer.token_to_id
        key = "zh-hant" if primary == "zh" and any(part.lower() in ("hant", "tw", "hk", "mo") for part in language.split("-")[1:]) else primary
        before = [token("<|startofprev|>"), *self._prompts[key]] if key in self._prompts else []
        return [*before, token("<|startoftranscript|>"), token(f"<|{primary}|>"), token("<|transcribe|>"), token("<|notimestamps|>")]


def cores_each(threads):
    # A decoding that has the machine to itself is done sooner; eight at once share it all the same.
    return max(1, min(4, (os.cpu_count() or 1) // threads))


def invented(text):
    plain = "".join(one for one in text.lower() if one.isalnum() or one == ".").rstrip(".")
    prompts = {"".join(one for one in prompt if one.isalnum()) for prompt in PROMPTS.values()}
    return plain in INVENTED or plain in prompts


def mel_filters():
    """Slaney's mel scale, each filter of the same area, from 0 to 8 kHz."""
    linear, step, break_hz, log_step = 200 / 3, 15.0, 1000.0, numpy.log(6.4) / 27

    def to_mel(hz):
        return hz / linear if hz < break_hz else step + numpy.log(hz / break_hz) / log_step

    def to_hz(mel):
        return numpy.where(mel < step, mel * linear, break_hz * numpy.exp(log_step * (numpy.maximum(mel, step) - step)))

    edges = to_hz(numpy.linspace(to_mel(0.0), to_mel(RATE / 2), MELS + 2))
    bins = numpy.arange(FFT // 2 + 1) * RATE / FFT
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    return (numpy.maximum(0, numpy.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(numpy.float32)


def log_mel(samples, filters):
    """[1, 80, 3000]: frames of what was said, and of silence up to 30 s. Silence is not computed."""
    window = numpy.hanning(FFT + 1)[:-1].astype(numpy.float32)
    samples = samples[:WINDOW_SAMPLES].astype(numpy.float32)
    frames = min(FRAMES, len(samples) // HOP + 2)
    padded = numpy.pad(samples, (FFT // 2, 0), mode="reflect") if len(samples) > FFT // 2 else numpy.pad(samples, (FFT // 2, 0))
    padded = numpy.pad(padded, (0, max(0, (frames - 1) * HOP + FFT - len(padded))))
    strides = numpy.lib.stride_tricks.sliding_window_view(padded, FFT)[:: HOP][:frames]
    power = numpy.abs(numpy.fft.rfft(strides * window, axis=1)).astype(numpy.float32) ** 2
    spectrum = numpy.log10(numpy.maximum(filters @ power.T, 1e-10))
    whole = numpy.full((1, MELS, FRAMES), -10.0, dtype=numpy.float32)
    whole[0, :, :frames] = spectrum
    whole = numpy.maximum(whole, whole.max() - 8.0)
    return numpy.ascontiguousarray((whole + 4.0) / 4.0)
