"""Common words of a small child beyond the nano world's own, sorted by how they are used in sentences."""

from __future__ import annotations

#: name -> "he" or "she".
NAMES: dict[str, str] = {
    **dict.fromkeys(("tom", "ben", "max", "sam", "leo", "jack", "paul", "nick", "tim", "luke", "adam", "oscar"), "he"),
    **dict.fromkeys(
        ("anna", "lucy", "mia", "emma", "sara", "lily", "rosa", "nina", "eva", "kate", "ida", "ella"), "she"
    ),
}
POSSESSIVE = {"he": "his", "she": "her"}
OBJECTIVE = {"he": "him", "she": "her"}
PET_NAMES = ("spot", "lucky", "bella", "fluffy", "rex", "coco", "snowy", "rusty", "pepper", "daisy")
FAMILY = (
    *("mother", "father", "sister", "brother", "grandmother", "grandfather", "aunt", "uncle", "cousin", "friend"),
    *("neighbour", "teacher"),
)
WEATHER = ("sunny", "rainy", "windy", "cloudy", "foggy", "snowy", "stormy", "warm", "cold", "hot", "cool")
TIMES = ("in the morning", "at noon", "in the afternoon", "in the evening", "at night", "after school", "before dinner")
PLACES_AROUND = (
    *("at the park", "at school", "at home", "at the zoo", "in the forest", "in the town", "at the market"),
    *(
        "by the river",
        "on the hill",
        "in the library",
        "at the bakery",
        "at the hospital",
        "at the station",
        "in the barn",
    ),
    *("in the bathroom", "in the living room", "on the bridge", "in the field", "at the museum", "at the theatre"),
    *("in the kitchen", "in the garden", "on the farm", "at the beach", "at the lake", "at the playground"),
)
FEELINGS = (
    *("happy", "sad", "tired", "angry", "proud", "scared", "hungry", "thirsty", "sleepy", "brave", "shy", "lonely"),
    *("excited", "surprised", "calm", "sick", "curious", "worried", "glad", "bored"),
)
FOODS = (
    *("bread", "cheese", "rice", "soup", "an apple", "a banana", "a carrot", "a pear", "an egg", "some cake", "pizza"),
    *("a sandwich", "a tomato", "a potato", "some honey", "some butter", "fish", "beans", "corn", "a cookie", "jam"),
    *("noodles", "a pancake", "some chocolate", "grapes", "a strawberry", "a cherry", "salad", "nuts", "an orange"),
)
DRINKS = ("milk", "water", "juice", "tea", "lemonade", "cocoa")
CLOTHES = (
    *(
        "hat",
        "coat",
        "shirt",
        "dress",
        "scarf",
        "jacket",
        "sweater",
        "skirt",
        "belt",
        "cap",
        "ring",
        "apron",
        "raincoat",
    ),
    *("t-shirt", "bow"),
)
TOYS = (
    "ball",
    "kite",
    "drum",
    "block",
    "balloon",
    "doll",
    "puzzle",
    "robot",
    "teddy",
    "train",
    "swing",
    "slide",
    "rope",
)
TOOLS = (
    *("hammer", "brush", "spoon", "fork", "knife", "plate", "bowl", "pot", "pan", "bucket", "broom", "key", "pencil"),
    *("pen", "crayon", "bag", "basket", "bottle", "clock", "phone", "candle", "ladder", "blanket", "pillow", "towel"),
    *("mirror", "comb", "soap", "saw", "nail", "needle", "stamp", "letter", "picture", "card", "coin", "flag", "bell"),
)
NATURE = (
    *("sun", "moon", "star", "cloud", "rain", "snow", "wind", "river", "hill", "mountain", "stone", "leaf", "grass"),
    *(
        "sea",
        "sand",
        "rainbow",
        "forest",
        "field",
        "pond",
        "island",
        "cave",
        "shell",
        "feather",
        "seed",
        "branch",
        "root",
    ),
)
BUILDINGS = (
    *(
        "house",
        "door",
        "window",
        "roof",
        "wall",
        "floor",
        "stairs",
        "fence",
        "gate",
        "bridge",
        "tower",
        "castle",
        "shop",
    ),
    *("church", "room", "bath", "oven", "fridge", "shelf", "desk", "bench", "tent", "barn", "road", "corner"),
)
BODY = (
    *("head", "hair", "face", "eye", "ear", "nose", "mouth", "neck", "arm", "hand", "finger", "leg", "knee", "foot"),
    *("toe", "back", "belly", "tooth", "tongue", "chin", "cheek", "shoulder", "elbow", "thumb"),
)
MORE_ANIMALS = (
    *("sheep", "pig", "hen", "mouse", "frog", "lion", "bear", "elephant", "bee", "ant", "spider", "snake", "owl"),
    *(
        "goose",
        "goat",
        "wolf",
        "tiger",
        "fox",
        "monkey",
        "giraffe",
        "zebra",
        "turtle",
        "snail",
        "butterfly",
        "squirrel",
    ),
    *("deer", "camel", "penguin", "parrot", "donkey", "hamster", "whale", "shark", "crab", "worm", "swan", "chicken"),
)
JOBS = (
    *("doctor", "teacher", "farmer", "baker", "pilot", "driver", "cook", "nurse", "painter", "singer", "dancer"),
    *("sailor", "builder", "gardener", "police officer", "king", "queen", "clown", "writer", "waiter", "postman"),
)
ADJECTIVES = (
    *("new", "old", "nice", "pretty", "clean", "dirty", "soft", "hard", "round", "long", "short", "heavy", "light"),
    *("wet", "dry", "warm", "funny", "strange", "bright", "dark", "little", "tiny", "huge", "tall", "wide", "narrow"),
    *("shiny", "smooth", "rough", "sharp", "sweet", "sour", "fresh", "quiet", "loud", "lovely", "broken", "empty"),
    *("golden", "silver", "wooden", "magic", "favourite", "special", "simple", "strong", "gentle", "wild", "lost"),
)
ADVERBS = (
    *("slowly", "quickly", "quietly", "loudly", "carefully", "gently", "happily", "always", "often", "never"),
    *("sometimes", "every day", "again", "together", "alone", "today", "now", "soon", "well"),
)

#: Verbs (third person, base form) that take any thing as object.
VERBS_WITH_THING: tuple[tuple[str, str], ...] = (
    *(("sees", "see"), ("likes", "like"), ("finds", "find"), ("draws", "draw"), ("paints", "paint"), ("takes", "take")),
    *(
        ("carries", "carry"),
        ("loves", "love"),
        ("wants", "want"),
        ("needs", "need"),
        ("buys", "buy"),
        ("sells", "sell"),
    ),
    *(("hides", "hide"), ("shows", "show"), ("holds", "hold"), ("brings", "bring"), ("keeps", "keep"), ("gets", "get")),
    *(("touches", "touch"), ("washes", "wash"), ("cleans", "clean"), ("drops", "drop"), ("picks", "pick")),
    *(("looks at", "look at"), ("thinks of", "think of"), ("dreams of", "dream of"), ("asks for", "ask for")),
    *(("talks about", "talk about"), ("waits for", "wait for"), ("points at", "point at"), ("remembers", "remember")),
    *(("forgets", "forget"), ("loses", "lose"), ("shares", "share"), ("fixes", "fix"), ("breaks", "break")),
)
#: Verbs (third person, base form) that need no object.
VERBS_ALONE: tuple[tuple[str, str], ...] = (
    *(
        ("runs", "run"),
        ("jumps", "jump"),
        ("sings", "sing"),
        ("dances", "dance"),
        ("sleeps", "sleep"),
        ("laughs", "laugh"),
    ),
    *(("cries", "cry"), ("swims", "swim"), ("walks", "walk"), ("sits", "sit"), ("stands", "stand"), ("plays", "play")),
    *(("works", "work"), ("reads", "read"), ("writes", "write"), ("listens", "listen"), ("waits", "wait")),
    *(
        ("smiles", "smile"),
        ("climbs", "climb"),
        ("cooks", "cook"),
        ("helps", "help"),
        ("learns", "learn"),
        ("rests", "rest"),
    ),
    *(("thinks", "think"), ("talks", "talk"), ("whispers", "whisper"), ("shouts", "shout"), ("counts", "count")),
    *(("hops", "hop"), ("falls", "fall"), ("wins", "win"), ("travels", "travel"), ("wakes up", "wake up")),
)
GREETINGS: tuple[tuple[str, str], ...] = (
    ("hello.", "hello. how can I help you?"),
    ("hi.", "hi. how can I help you?"),
    ("good morning.", "good morning. how can I help you?"),
    ("thank you.", "you are welcome."),
    ("goodbye.", "goodbye. see you soon."),
    ("how are you?", "I am fine, thank you."),
    ("good night.", "good night. sleep well."),
)
